@node "%~dp0kubectl" %*
