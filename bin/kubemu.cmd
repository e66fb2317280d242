@node "%~dp0kubemu" %*
