"""YAML for the editor: where things stand in a text, and how a person would write another value there.

- ``scalars``: what a plain word means, and when text needs quotes;
- ``events``: the parser's events, in C where it can be had, and its errors;
- ``nodes``: light spans of what the events tell, and nothing more;
- ``lines``: what single lines tell without the parser;
- ``parts``: large collections in parts, walked only where somebody looks;
- ``outline``, ``flow``: how large texts are cut into such parts, in block and in flow style;
- ``stream``: the documents of a text, their anchors and aliases;
- ``render``: a value as text, in block and in flow style;
- ``layout``: the file's own indentation, and the splices that replace, insert and take out;
- ``waiting``: changes that wait to be written together;
- ``content``: paths through documents, aliases and merge keys;
- ``compare``: that nothing changed but what should.
"""
