import { answer, parseCall, procedureUnavailable } from './rpc-record.ts';

/**
 * The portmapper's answer to one record: every registration is welcome, and a program's port is what `ports` says.
 * rpcbind would be another's choice of port, and loses its death signal where it lays down root.
 */
export function portmapperReply(record: Buffer, ports: ReadonlyMap<number, number>): Buffer | undefined {
  const call = parseCall(record);
  if (!call) return undefined;
  switch (call.procedure) {
    case 0: // NULL
      return answer(call);
    case 1: // SET
    case 2: // UNSET
      return answer(call, 1);
    case 3: // GETPORT of version 2, which libnfs asks; later versions are asked by their registrants only
      return call.version === 2
        ? answer(call, ports.get(call.body.readUInt32BE(0)) ?? 0)
        : procedureUnavailable(call);
    default:
      return procedureUnavailable(call);
  }
}
