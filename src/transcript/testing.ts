import type { OpenPlace } from './place.ts';

/** A place for tests in which `echo` and `fail` are all there is; what was put where is kept. */
export function scripted(answers: Record<string, { output?: string; code?: number }> = {}): {
  open: OpenPlace;
  calls: string[];
} {
  const calls: string[] = [];
  return {
    calls,
    open: async (settings) => {
      calls.push(`open ${JSON.stringify(settings)}`);
      return {
        async run(command, { node, user, folder }, streams) {
          calls.push(
            [node && `${user}@${node}${folder ? `:${folder}` : ''}`, streams === 'both' ? '' : streams, command]
              .filter(Boolean)
              .join(' '),
          );
          const { output = '', code = 0 } = answers[command] ?? {
            output: /^echo (.*)$/s.exec(command)?.[1]?.concat('\n'),
          };
          return { output, code };
        },
        put: (path, text) => void calls.push(`put ${path} ${JSON.stringify(text)}`),
        close: () => void calls.push('close'),
      };
    },
  };
}
