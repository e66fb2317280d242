import { expect, test } from 'vitest';
import { splitCommands } from './script.ts';

test('a script falls into its commands', () => {
  const script = `# first
kubectl create ns a

cat > x.yaml <<'EOF'
kind: Pod
if
EOF
for n in 1 2; do
  kubectl delete pod p$n
done
kubectl get pods \\
  -A
echo 'two
lines' && ls
`;
  expect(splitCommands(script)).toEqual([
    { text: 'kubectl create ns a', line: 1 },
    { text: "cat > x.yaml <<'EOF'\nkind: Pod\nif\nEOF", line: 3 },
    { text: 'for n in 1 2; do\n  kubectl delete pod p$n\ndone', line: 7 },
    { text: 'kubectl get pods \\\n  -A', line: 10 },
    { text: "echo 'two\nlines' && ls", line: 12 },
  ]);
});
