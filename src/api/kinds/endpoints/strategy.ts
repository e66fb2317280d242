import { isPortNumber } from '../../../base/names.ts';
import type { Endpoints } from '../../../types/objects.ts';
import { type FieldError, required } from '../../machinery/field-errors.ts';
import { each, invalidEach, label1123, oneOf, qualifiedName, subdomain1123 } from '../shared/checks.ts';
import { PROTOCOLS } from '../shared/containers.ts';
import { ipField, ipWarnings, validateEndpointIp } from '../shared/ips.ts';
import type { KindRules } from '../shared/strategy.ts';

type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];

/** What the controller writes is right, and not looked at. */
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const CONTROLLER = 'endpoint-controller';

const validateAddress = ({ ip, hostname, nodeName }: Address, at: string): FieldError[] => [
  ...ipField(`${at}.ip`, ip ?? ''),
  ...(hostname ? label1123(`${at}.hostname`, hostname) : []),
  ...(nodeName === undefined ? [] : subdomain1123(`${at}.nodeName`, nodeName)),
  ...validateEndpointIp(`${at}.ip`, ip ?? ''),
];

const validate = ({ subsets }: Endpoints): FieldError[] =>
  each(subsets, 'subsets', ({ addresses = [], notReadyAddresses = [], ports = [] }, at) => [
    ...(addresses.length + notReadyAddresses.length === 0
      ? [required(at, 'must specify `addresses` or `notReadyAddresses`')]
      : []),
    ...each(addresses, `${at}.addresses`, validateAddress),
    ...each(notReadyAddresses, `${at}.notReadyAddresses`, validateAddress),
    ...each(ports, `${at}.ports`, ({ name, port, protocol, appProtocol }, portPath) => [
      ...(name ? label1123(`${portPath}.name`, name) : ports.length > 1 ? [required(`${portPath}.name`)] : []),
      ...invalidEach(`${portPath}.port`, port, isPortNumber(port)),
      ...oneOf(`${portPath}.protocol`, protocol, PROTOCOLS),
      ...(appProtocol === undefined ? [] : qualifiedName(`${portPath}.appProtocol`, appProtocol)),
    ]),
  ]);

export const strategy: KindRules<Endpoints> = {
  resource: 'endpoints',
  updateChecks: ['metadata', 'object', 'changes'],
  createsOnUpdate: true,
  setDefaults: ({ subsets }) => {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP';
  },
  validate,
  warnings: ({ metadata, subsets = [] }) =>
    metadata.labels?.[MANAGED_BY] === CONTROLLER
      ? []
      : subsets.flatMap((subset, index) =>
          (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
            (subset[list] ?? []).flatMap(({ ip }, at) => ipWarnings(`subsets[${index}].${list}[${at}].ip`, ip)),
          ),
        ),
};
