import { type Choice, choiceProblem } from '../../api/admission/chosen.ts';
import { type AuditPolicy, readPolicy } from '../../api/audit/policy.ts';
import { type Rule, readEncryption } from '../../api/encryption/configuration.ts';
import { GO_ERRNO } from '../../base/go-errno.ts';
import { type FileSystem, FsError } from '../../sh/process.ts';
import { flag } from './flag.ts';
import { readImagePolicy } from './image-policy.ts';

/** What an API server does beside answering, as its flags and their files say. */
export interface ApiServerConfiguration {
  encryption: Rule[];
  audit?: AuditPolicy;
  /** Where it writes its audit log: a path in its container. */
  auditLog?: string;
  admission: Choice;
  /** Whether somebody who shows nothing may ask. */
  anonymous: boolean;
}

type Given = { argv: string[]; files: FileSystem };

/** Reads the files that the flags name; throws what the API server ends with. */
export function apiServerConfiguration({ argv, files }: Given): ApiServerConfiguration {
  const encryption = flag(argv, 'encryption-provider-config');
  const policy = flag(argv, 'audit-policy-file');
  const auditLog = flag(argv, 'audit-log-path');
  return {
    encryption: encryption ? readEncryption(files.read(encryption), encryption) : [],
    ...(policy && { audit: readPolicy(files.read(policy), policy) }),
    ...(auditLog && { auditLog }),
    admission: admissionChoice(argv, files),
    anonymous: flag(argv, 'anonymous-auth') !== 'false',
  };
}

const listOf = (text: string | undefined): string[] => (text ?? '').split(',').filter(Boolean);

function admissionChoice(argv: string[], files: FileSystem): Choice {
  const choice = {
    enabled: listOf(flag(argv, 'enable-admission-plugins')),
    disabled: listOf(flag(argv, 'disable-admission-plugins')),
  };
  const problem = choiceProblem(choice);
  if (problem !== undefined) throw new Error(problem);
  if (!choice.enabled.includes('ImagePolicyWebhook')) return choice;
  return { ...choice, imagePolicy: readImagePolicy(flag(argv, 'admission-control-config-file'), files) };
}

/** What keeps the API server from beginning its audit log (ensureLogFile); undefined if nothing does. */
function logError({ files }: Given, path: string): string | undefined {
  if (path === '-' || files.stat(path)?.type === 'file') return undefined;
  try {
    makeFolders(files, path.slice(0, path.lastIndexOf('/')));
    files.write(path, '', { mode: 0o600 });
    return undefined;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return `ensureLogFile: open ${path}: ${GO_ERRNO[error.code]}`;
  }
}

function makeFolders(files: FileSystem, folder: string): void {
  if (folder === '' || files.stat(folder)) return;
  makeFolders(files, folder.slice(0, folder.lastIndexOf('/')));
  files.makeDir(folder);
}

/** Why an API server does not start, in its own words; undefined if it does. */
export function apiServerConfigurationError(given: Given): string | undefined {
  try {
    const { audit, auditLog } = apiServerConfiguration(given);
    return audit && auditLog ? logError(given, auditLog) : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
