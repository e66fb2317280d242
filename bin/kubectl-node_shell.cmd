@node "%~dp0kubectl-node_shell" %*
