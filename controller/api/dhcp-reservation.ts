import { z } from 'zod';
import { DhcpOptionValues } from './dhcp-option-value.ts';
import { BootText, ClassName, HexId, HostName, HwAddress, LineId } from './dhcp-scalars.ts';
import { Address, Prefix } from './scalars.ts';

/** By what a server knows a client again. Exactly one stands in a reservation. */
export const reservationIdentifiers = ['hwAddress', 'duid', 'clientId', 'circuitId', 'remoteId', 'interfaceId', 'flexId'] as const;
export type ReservationIdentifier = (typeof reservationIdentifiers)[number];

/** What servers call them. Kea knows most options of a relay as flex-id only. */
export const identifierTypes = {
  hwAddress: 'hw-address',
  duid: 'duid',
  clientId: 'client-id',
  circuitId: 'circuit-id',
  remoteId: 'flex-id',
  interfaceId: 'flex-id',
  flexId: 'flex-id',
} as const satisfies Record<ReservationIdentifier, string>;

/** What one client always gets. */
export const DhcpReservation = z
  .strictObject({
    hwAddress: HwAddress.optional().describe('The client by the hardware address of its interface.'),
    duid: HexId.optional().describe('The client by its DUID, as hex digits.'),
    clientId: HexId.optional().describe('IPv4: the client by option 61, as hex digits.'),
    circuitId: LineId.optional().describe("IPv4: whoever is on this line of the relay (option 82, sub-option 1), as hex digits or 'text'."),
    remoteId: LineId.optional().describe(
      "IPv4: whoever is behind this relay (option 82, sub-option 2), as hex digits or 'text'. Needs flexId on the servers.",
    ),
    interfaceId: LineId.optional().describe(
      "IPv6: whoever is on this line of the relay (option 18), as hex digits or 'text'. Needs flexId on the servers.",
    ),
    flexId: LineId.optional().describe("Whoever the expression of flexId on the servers gives this value for, as hex digits or 'text'."),
    addresses: z.array(Address).max(16).default([]).describe('Reserved addresses: one in IPv4, any number in IPv6.'),
    prefixes: z.array(Prefix).max(16).default([]).describe('IPv6: reserved delegated prefixes.'),
    hostname: HostName.optional().describe('Host name that the client is given.'),
    clientClasses: z.array(ClassName).max(32).default([]).describe('Client classes that the client is put into.'),
    options: DhcpOptionValues.default([]).describe('Options for this client alone.'),
    nextServer: Address.optional().describe('IPv4: server that the client boots from.'),
    serverName: BootText.max(63).optional().describe('IPv4: name of the server that the client boots from.'),
    bootFile: BootText.optional().describe('Boot file of this client: a path, in IPv6 a URL.'),
  })
  .refine((reservation) => reservationIdentifiers.filter((key) => reservation[key] !== undefined).length === 1, {
    error: `it names no client, or two; write exactly one of ${reservationIdentifiers.join(', ')}`,
  });
export type DhcpReservation = z.infer<typeof DhcpReservation>;
