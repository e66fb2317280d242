import type { Command } from '../command.ts';
import { usageError } from '../flags/common.ts';

/** Each shell asks `kubectl __complete` and offers what it answers, up to the line of the directive (4: no file names). */
const SCRIPTS: Record<string, string> = {
  bash: `# bash completion for kubectl
__kubectl_complete() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line directive=0
  COMPREPLY=()
  while IFS='' read -r line; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      *) line="\${line%%$'\\t'*}"; [[ "$line" == "$current"* ]] && COMPREPLY+=("$line") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2>/dev/null)
  if (( (directive & 4) == 0 && \${#COMPREPLY[@]} == 0 )); then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o default -F __kubectl_complete kubectl
`,
  zsh: `#compdef kubectl
compdef _kubectl kubectl

# zsh completion for kubectl
_kubectl() {
  local line directive=0
  local -a offers
  for line in "\${(@f)$(kubectl __complete "\${words[@]:1:$((CURRENT - 2))}" "\${words[CURRENT]}" 2>/dev/null)}"; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      *) offers+=("\${line//$'\\t'/:}") ;;
    esac
  done
  if (( \${#offers} )); then
    _describe 'kubectl' offers
  elif (( (directive & 4) == 0 )); then
    _files
  fi
}
`,
  fish: `# fish completion for kubectl
function __kubectl_complete
  set -l words (commandline -opc) (commandline -ct)
  kubectl __complete $words[2..-1] 2>/dev/null | string match -v ':*'
end
complete -c kubectl -f -a '(__kubectl_complete)'
`,
  powershell: `# powershell completion for kubectl
Register-ArgumentCompleter -Native -CommandName 'kubectl' -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($wordToComplete -eq '') { $words += '' }
  kubectl __complete @words 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object {
    $name, $text = $_ -split "\`t", 2
    if (-not $text) { $text = $name }
    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $text)
  }
}
`,
};

const command: Command = {
  name: 'completion',
  use: 'completion SHELL',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  long: `Output shell completion code for the specified shell (bash, zsh, fish, or powershell). The shell must evaluate it, for instance from .bash_profile.

It asks kubectl for everything, so that it stays right from version to version.`,
  examples: `
# Load the completion code for bash into the current shell
source <(kubectl completion bash)

# Load the completion code for zsh into the current shell
source <(kubectl completion zsh)

# Load the completion code for fish into the current shell
kubectl completion fish | source

# Load the completion code for powershell into the current shell
kubectl completion powershell | Out-String | Invoke-Expression`,
  run: async (invocation) => {
    const { args, environment } = invocation;
    if (args.length === 0) throw usageError(invocation, 'Shell not specified.');
    if (args.length > 1) throw usageError(invocation, 'Too many arguments. Expected only the shell type.');
    const script = SCRIPTS[args[0]!];
    if (!script) throw usageError(invocation, `Unsupported shell type ${JSON.stringify(args[0])}.`);
    environment.io.out(script);
  },
};

export default command;
