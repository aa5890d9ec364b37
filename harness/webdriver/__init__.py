"""Browsers that Playwright cannot drive as they are shipped (Firefox, WebKitGTK), over the W3C WebDriver protocol.

`Page` has the few words of Playwright's page that our people use, so the same people drive either; see `expecting`.
"""
