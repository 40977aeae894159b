/**
 * Serves the files of one folder by TFTP (RFC 1350), as QEMU's user-mode network does: read-only, in binary mode, with
 * the options blksize (RFC 2348) and tsize (RFC 2349). Without a folder, each request is refused at once, so that
 * firmware moves on to its next boot source.
 */
import { Alarm } from "./alarm.js";
import { BoundedTable } from "./bounded-table.js";
import type { Clock } from "./clock.js";
import type { HostFile, RouterHost } from "./router-host.js";
import { parseTftp, TFTP_ERROR, tftpData, tftpError, tftpOptions, type TftpRequest } from "./tftp-message.js";

/** The limit on simultaneous transfers, as in QEMU's router. */
export const MAX_TRANSFERS = 20;
/** The interval between retransmissions of an unacknowledged block. */
const RETRY_MS = 1000;
const MAX_RETRIES = 5;
const DEFAULT_BLOCK_BYTES = 512;
/** RFC 2348, and the payload that fits into one packet of the wire. */
const MIN_BLOCK_BYTES = 8;
const MAX_BLOCK_BYTES = 1500 - 20 - 8 - 4;
/** As in QEMU. No file has a longer name. */
export const MAX_NAME_LENGTH = 512;

/** The address for answers. */
export interface TftpClient {
  /** Address and port. */
  readonly key: string;
  answer(message: Uint8Array): void;
}

interface Transfer {
  readonly file: HostFile;
  readonly client: TftpClient;
  readonly blockBytes: number;
  /** The last block that was sent, counted from 1. 0 stands for the options. */
  block: number;
  /** The last message that was sent. */
  message: Uint8Array;
  retries: number;
  readonly again: Alarm;
}

export class TftpServer {
  private readonly transfers = new BoundedTable<string, Transfer>(MAX_TRANSFERS, ({ again, file }) => {
    again.clear();
    file.close();
  });

  constructor(
    private readonly clock: Clock,
    private readonly host: Pick<RouterHost, "openFile">,
    private readonly folder: string | undefined,
  ) {}

  arrived(client: TftpClient, bytes: Uint8Array): void {
    const request = parseTftp(bytes);
    switch (request?.type) {
      case "read":
        this.transfers.delete(client.key);
        this.begin(client, request);
        break;
      case "write":
        client.answer(tftpError(TFTP_ERROR.accessViolation, "Access violation: files can only be read"));
        break;
      case "acknowledged":
        this.acknowledged(client, request.block);
        break;
      case "failed":
        this.transfers.delete(client.key);
        break;
      case undefined:
        break;
    }
  }

  stop(): void {
    this.transfers.clear();
  }

  private begin(client: TftpClient, { name, mode, options }: Extract<TftpRequest, { type: "read" }>): void {
    const refuse = (code: number, why: string): void => {
      client.answer(tftpError(code, why));
    };
    if (this.folder === undefined) {
      refuse(TFTP_ERROR.accessViolation, "Access violation: no folder is served");
      return;
    }
    if (mode !== "octet") {
      refuse(TFTP_ERROR.illegalOperation, "Unsupported transfer mode");
      return;
    }
    const file = name.length > MAX_NAME_LENGTH ? "notFound" : this.host.openFile(this.folder, name);
    if (file === "notFound") refuse(TFTP_ERROR.notFound, "File not found");
    else if (file === "forbidden") refuse(TFTP_ERROR.accessViolation, "Access violation");
    else this.send(client, file, options);
  }

  private send(client: TftpClient, file: HostFile, options: ReadonlyMap<string, string>): void {
    const wanted = Number(options.get("blksize"));
    const isSized = Number.isInteger(wanted) && wanted >= MIN_BLOCK_BYTES;
    const blockBytes = isSized ? Math.min(wanted, MAX_BLOCK_BYTES) : DEFAULT_BLOCK_BYTES;
    const taken = [
      ...(options.has("tsize") ? [["tsize", file.size] as const] : []),
      ...(isSized ? [["blksize", blockBytes] as const] : []),
    ];
    const again = new Alarm(this.clock, () => {
      this.sendAgain(transfer);
    });
    const message = tftpOptions(taken);
    const transfer: Transfer = { file, client, blockBytes, block: 0, message, retries: 0, again };
    this.transfers.put(client.key, transfer);
    if (taken.length > 0) this.transmit(transfer, 0, message);
    else this.sendBlock(transfer, 1);
  }

  /** RFC 1123 §4.2.3.1: answer only the acknowledgment of the last block, and never a repeated one. */
  private acknowledged(client: TftpClient, block: number): void {
    const transfer = this.transfers.use(client.key);
    if (transfer === undefined || block !== (transfer.block & 0xffff)) return;
    const isOver = transfer.block > 0 && transfer.message.length - 4 < transfer.blockBytes;
    if (isOver) this.transfers.delete(client.key);
    else this.sendBlock(transfer, transfer.block + 1);
  }

  private sendBlock(transfer: Transfer, block: number): void {
    const { file, blockBytes, client } = transfer;
    const bytes = file.read((block - 1) * blockBytes, blockBytes);
    if (bytes !== undefined) {
      this.transmit(transfer, block, tftpData(block, bytes));
      return;
    }
    this.transfers.delete(client.key);
    client.answer(tftpError(0, "The file can't be read"));
  }

  private transmit(transfer: Transfer, block: number, message: Uint8Array): void {
    Object.assign(transfer, { block, message, retries: 0 });
    transfer.again.set(RETRY_MS);
    transfer.client.answer(message);
  }

  private sendAgain(transfer: Transfer): void {
    transfer.retries += 1;
    if (transfer.retries > MAX_RETRIES) {
      this.transfers.delete(transfer.client.key);
      return;
    }
    transfer.again.set(RETRY_MS);
    transfer.client.answer(transfer.message);
  }
}
