import { isEncrypted } from '../../sequence/arena.ts';
import { diskKey } from '../../sequence/disk-key.ts';
import type { Sequence } from '../../sequence/sequence.ts';

/** Words of a command of qemu-img or qemu-io: what says how an image is opened, and the image itself. */
type Opened = { how: string; image: string };

/** `file`: a word of the shell. An image of a sequence with a key is looked at, and gets the key where its chain wants it. */
export const openedImage = (
  sequence: Sequence,
  { file, format }: { file: string; format: string },
): Opened =>
  hasKey(sequence)
    ? { how: `${keyObject} --image-opts`, image: `"$(keyed ${file} ${format})"` }
    : { how: `-f ${format}`, image: file };

/** Two images, which one `--image-opts` is for. */
export const openedImages = (
  sequence: Sequence,
  one: { file: string; format: string },
  other: { file: string; format: string },
): Opened =>
  hasKey(sequence)
    ? {
        how: `${keyObject} --image-opts`,
        image: `"$(keyed ${one.file} ${one.format})" "$(keyed ${other.file} ${other.format})"`,
      }
    : { how: `-f ${one.format} -F ${other.format}`, image: `${one.file} ${other.file}` };

/** The key, as `--object` takes it. */
export const keySecret = `secret,id=${diskKey.id},data=${diskKey.data}`;
export const keyObject = `--object ${keySecret}`;

/** An image of the arena is encrypted, or a step makes such a one. */
const hasKey = ({ arena, steps }: Sequence): boolean =>
  arena.disks.some(isEncrypted) || JSON.stringify(steps).includes(`"${diskKey.id}"`);

/** The bash function that openedImage calls. What a job has made of a chain stands in the images' headers alone. */
export const keyHelpers = {
  keyed: `\
keyed() { # keyed IMAGE FORMAT [PREFIX]: options that open it, with the key for each image of its chain that wants one
  local info below format options="\${3-}driver=$2,\${3-}file.driver=file,\${3-}file.filename=$1"
  info=$(qemu-img info --output=json -f "$2" "$1") || return
  if [ "$2" = luks ]; then options+=",\${3-}key-secret=${diskKey.id}"
  elif [[ $info == *'"encrypted": true'* ]]; then options+=",\${3-}encrypt.format=luks,\${3-}encrypt.key-secret=${diskKey.id}"
  fi
  if [[ $info == *'"backing-filename": "'* && $info == *'"backing-filename-format": "'* ]]; then
    below=\${info##*'"backing-filename": "'} format=\${info##*'"backing-filename-format": "'}
    [[ $below == json:* ]] || options+=,$(keyed "\${below%%'"'*}" "\${format%%'"'*}" "\${3-}backing.")
  fi
  echo "$options"
}`,
};
