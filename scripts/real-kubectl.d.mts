export function realKubectl(): string | undefined;
