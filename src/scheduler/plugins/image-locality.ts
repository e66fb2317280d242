import { MAX_SCORE, type ScorePlugin } from '../framework.ts';

const MIB = 1024 * 1024;
const SMALLEST = 23 * MIB;
const LARGEST = 1000 * MIB;

/** `nginx` → `docker.io/library/nginx:latest` has the tag that a node lists. */
const withTag = (image: string): string => (/[:@][^/]*$/.test(image) ? image : `${image}:latest`);

/** Nodes that have the images already are better; an image on few nodes counts less, so that not all pods go there. */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  weight: 1,
  score({ pod, nodes: all }, nodes) {
    const { initContainers = [], containers = [] } = pod.spec!;
    const images = [...initContainers, ...containers].map(({ image = '' }) => withTag(image));
    const holders = (image: string) =>
      all.filter(({ node }) => node.status?.images?.some(({ names }) => names?.includes(image))).length;
    return nodes.map(({ node }) => {
      let sum = 0;
      for (const image of images) {
        const found = node.status?.images?.find(({ names }) => names?.includes(image));
        if (found) sum += Math.trunc(((found.sizeBytes ?? 0) * holders(image)) / all.length);
      }
      const largest = LARGEST * Math.max(1, images.length);
      const size = Math.min(Math.max(sum, SMALLEST), largest);
      return Math.trunc((MAX_SCORE * (size - SMALLEST)) / (largest - SMALLEST));
    });
  },
};
