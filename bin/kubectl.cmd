@node "%~dp0kubectl" %*
