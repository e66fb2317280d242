import { expect, it } from 'vitest';
import { alignTabs, DESCRIBE_TABS, TABLE_TABS, TabWriter } from './tabwriter.ts';

it('aligns a table, whose last cell is no column', () => {
  expect(alignTabs('NAME\tREADY\tSTATUS\nweb-1\t1/1\tRunning\n', TABLE_TABS)).toBe(
    'NAME    READY   STATUS\nweb-1   1/1     Running\n',
  );
});

it('starts columns anew where a line has none', () => {
  expect(alignTabs('Name:\tweb\nLabels:\ta=b\n\tc=d\nEvents:  <none>\nX:\ty\n', DESCRIBE_TABS)).toBe(
    'Name:    web\nLabels:  a=b\n         c=d\nEvents:  <none>\nX:  y\n',
  );
});

it('remembers widths across flushes and counts runes', () => {
  let text = '';
  const writer = new TabWriter((part) => {
    text += part;
  }, TABLE_TABS);
  writer.write('long-name\tx\n');
  writer.flush();
  writer.write('é\tx\n');
  writer.flush();
  expect(text).toBe('long-name   x\né           x\n');
});
