@node "%~dp0kubemu" %*
