@node "%~dp0crictl" %*
