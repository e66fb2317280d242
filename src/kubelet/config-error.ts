/** What is wrong with a container's configuration or a volume's, in the kubelet's words. */
export class ConfigError extends Error {}
