import type { Pins, RegionPins } from '../../../infra/settings/schema/pins.ts';
import type { NodeArchitecture } from '../../domain/pins/pin-publication.ts';

export type ImageKind = keyof RegionPins['images'];
export type Architecture = keyof Pins['hosts']['node']['sha256'];

/** Looks up the latest versions. Each answer is checked by the schema of the pins. */
export type PinSource = {
  image(region: string, kind: ImageKind): Promise<string>;
  /** The digest of a tag: of the list of platforms where it has several. */
  containerDigest(repository: string, tag: string): Promise<string>;
  /** SHA-256 of Node's own archive for Linux. */
  nodeArchive(version: string, architecture: Architecture): Promise<string>;
  /** SHA-256 of the agent that this version of the toolkit builds. */
  agent(): Promise<string>;
  /** The commit that `main` of a model is at. */
  modelRevision(model: string): Promise<string>;
};

/** Fetches the bytes of what is pinned. None of them are trusted: they are checked against the pins. */
export interface PinnedBytes {
  /** The agent that this version of the toolkit builds. */
  agent(): Promise<Uint8Array>;
  /** Node's own archive for Linux. */
  nodeArchive(version: string, architecture: NodeArchitecture): Promise<Uint8Array>;
}
