/** Makes control characters of untrusted text harmless on a terminal. Source: printers.WriteEscaped of cli-runtime. */
export const escapeTerminal = (text: string): string => text.replaceAll('\x1b', '^[').replaceAll('\r', '\\r');
