@node "%~dp0crictl" %*
