import { goQuote } from '../../../base/go-quote.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { sortedEntries } from './checks.ts';
import { goQuantity } from './go-value.ts';

/** A list of quantities as `%#v` prints a core.ResourceList. */
export const goResourceList = (list: Record<string, string> | undefined): GoSyntax =>
  new GoSyntax(
    list
      ? `core.ResourceList{${sortedEntries(list)
          .map(([name, value]) => `${goQuote(name)}:${goQuantity(value).text}`)
          .join(', ')}}`
      : 'core.ResourceList(nil)',
  );
