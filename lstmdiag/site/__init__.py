"""A page per architecture: `pages` builds Markdown, `placeholders` fills in pictures, `plugin` serves MkDocs."""
