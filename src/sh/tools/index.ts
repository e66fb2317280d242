import { awk } from './awk.ts';
import { bc } from './bc.ts';
import { CLIENT_TOOLS } from './clients/index.ts';
import { file } from './file-type.ts';
import { FILE_TOOLS } from './files.ts';
import { jq } from './jq/index.ts';
import { KERNEL_TOOLS } from './kernel.ts';
import { NETWORK_TOOLS } from './network/index.ts';
import { openssl } from './openssl/index.ts';
import { PACKAGE_TOOLS } from './packages/index.ts';
import { perl } from './perl.ts';
import { sed } from './sed.ts';
import { SET_TOOLS } from './sets.ts';
import { SYSTEM_TOOLS } from './system.ts';
import { TEXT_TOOLS } from './text.ts';
import { fail, type Tool } from './tool.ts';
import { tree } from './tree.ts';
import { WRAPPERS } from './wrappers.ts';

export { NeedsInput, type Tool, type ToolContext, ToolError, type ToolResult } from './tool.ts';

/** What stands for a program that is there, and that nothing here can do the work of. */
export const UNSIMULATED = 'unsimulated';

/** Programs that run to their end at once, by name. */
export const TOOLS: Record<string, Tool> = {
  ...FILE_TOOLS,
  ...TEXT_TOOLS,
  ...SET_TOOLS,
  ...KERNEL_TOOLS,
  ...SYSTEM_TOOLS,
  ...NETWORK_TOOLS,
  ...CLIENT_TOOLS,
  ...PACKAGE_TOOLS,
  ...WRAPPERS,
  bc,
  file,
  sed,
  awk,
  tree,
  mawk: awk,
  gawk: awk,
  jq,
  openssl,
  perl,
  [UNSIMULATED]: ({ argv }) => fail(`${argv[0]}: kubemu does not simulate this program\n`, 126),
};
