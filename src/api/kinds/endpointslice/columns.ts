import type { EndpointSlice } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { firstThree, UNSET } from '../shared/cells.ts';

export const view: KindView<EndpointSlice> = {
  cells: {
    AddressType: (slice) => slice.addressType,
    Ports: ({ ports }) => firstThree((ports ?? []).map(({ port, name }) => String(port ?? name ?? '*'))) || UNSET,
    Endpoints: ({ endpoints }) => firstThree((endpoints ?? []).flatMap((endpoint) => endpoint.addresses)) || UNSET,
  },
};
