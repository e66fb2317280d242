/** What is wrong with a container's configuration or a volume's, in the kubelet's words. */
export class ConfigError extends Error {}

/** Why the runtime would not create a container, in its words. */
export class CreateError extends Error {}
