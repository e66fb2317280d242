/** Lines that two kubectls never write the same: how long it took, what a server's answer is wrapped in, a line of a source. */
export const hideLogs = (text: string): string =>
  text
    .replace(/^(KLOG \S+\.go):\d+\]/gm, '$1]')
    .replace(/illiseconds=\d+/g, 'illiseconds=MS')
    .replace(/("Response" [^\n]*headers=)<\n(\t[^\n]*\n)* >/g, '$1HEADERS')
    .replace(/( -H "(?:[^"\\]|\\.)*")+/g, (headers) => headers.split(' -H ').sort().join(' -H '))
    .replace(/(kubectl\/)(?:v1\.33\.\d+|VERSION) \(linux\/amd64\) kubernetes\/[0-9a-f]+/g, '$1')
    // Go reads maps in any order: its own feature gates.
    .replace(/(^KLOG envvar\.go\] .*\n)+/gm, (lines) => `${lines.trimEnd().split('\n').sort().join('\n')}\n`)
    // What is read from the real one's disk is told of; ours has no such files.
    .replace(/^KLOG cached_discovery\.go\] .*\n/gm, '')
    .replace(/(openapi\/v3\/[^?"]*\?hash=)[0-9A-F]+/g, '$1HASH')
    .replace(/fieldSelector=(involvedObject[^&"]*)/g, (_, terms: string) => terms.split('%2C').sort().join('%2C'))
    .replace(/(restartedAt: )"[^"]*"/g, '$1TIME')
    .replace(/(kubectl-edit-)\d+/g, '$1N')
    .replace(/(timeoutSeconds=)\d+/g, '$1SECONDS')
    .replace(/(resourceVersion=)[1-9]\d*/g, '$1RV');
