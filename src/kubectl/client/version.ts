import { type BuildInfo, buildInfo } from '../../base/build-info.ts';

/** What kubectl answers as its own version: the build that a new cluster's server has. */
export const CLIENT: BuildInfo = buildInfo('v1.33.13');

/** `kubectl/v1.33.13 (linux/amd64) kubernetes/2df3632` */
export const USER_AGENT = `kubectl/${CLIENT.gitVersion} (${CLIENT.platform}) kubernetes/${CLIENT.gitCommit.slice(0, 7)}`;
