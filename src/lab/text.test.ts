import { expect, test } from 'vitest';
import { renderMarkdown } from './text.ts';

test('Markdown is filled to the width of the terminal', () => {
  const markdown = `A story that is
longer than a **narrow** line of forty columns is.

- one item that is long enough for a second line of it
- two

\`\`\`sh
kubectl get pods --all-namespaces --output wide
\`\`\`
`;
  expect(
    renderMarkdown(markdown, 40, { bold: (text) => `*${text}*`, code: (text) => text }),
  ).toBe(`A story that is longer than a *narrow*
line of forty columns is.

- one item that is long enough for a
  second line of it
- two

  kubectl get pods --all-namespaces --output wide`);
});
