import { token, type Value, type Values } from '../../domain/plan/graph.ts';

type Shape = (name: string, inputs: Values) => Value;

/** One subnet a zone, where the component was asked for subnets of this kind. */
const subnets =
  (attribute: string, kind: string): Shape =>
  (name, inputs) => {
    const specs = Array.isArray(inputs.subnetSpecs)
      ? inputs.subnetSpecs
      : [{ type: 'Public' }, { type: 'Private' }];
    if (!specs.some((spec) => spec.type === kind)) return [];
    return Array.from({ length: zoneCount(inputs) }, (_, zone) => token(name, `${attribute}[${zone}]`));
  };

/** awsx uses three zones unless it is told otherwise. */
function zoneCount({ availabilityZoneNames, numberOfAvailabilityZones }: Values): number {
  if (Array.isArray(availabilityZoneNames)) return availabilityZoneNames.length;
  return typeof numberOfAvailabilityZones === 'number' ? numberOfAvailabilityZones : 3;
}

/**
 * Attributes that programs look into, so that one token can't stand for them: their members are tokens. The
 * lengths of lists follow from inputs, as they do at AWS. Reading an attribute that belongs here and is
 * missing fails by name.
 */
const shapes: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  'awsx:ec2:Vpc': {
    publicSubnetIds: subnets('publicSubnetIds', 'Public'),
    privateSubnetIds: subnets('privateSubnetIds', 'Private'),
    isolatedSubnetIds: subnets('isolatedSubnetIds', 'Isolated'),
  },
  'aws:acm/certificate:Certificate': {
    domainValidationOptions: (name, { domainName, subjectAlternativeNames }) =>
      [domainName ?? '', ...(Array.isArray(subjectAlternativeNames) ? subjectAlternativeNames : [])].map(
        (domain, index) => ({
          domainName: domain,
          resourceRecordName: token(name, `domainValidationOptions[${index}].resourceRecordName`),
          resourceRecordType: token(name, `domainValidationOptions[${index}].resourceRecordType`),
          resourceRecordValue: token(name, `domainValidationOptions[${index}].resourceRecordValue`),
        }),
      ),
  },
};

/** The value of a shaped attribute; undefined where the table doesn't know it. */
export function shapeOf(type: string, attribute: string): Shape | undefined {
  return shapes[type]?.[attribute];
}
