/** The part of ECR's API that is about images. Scanning is not done here: every image is "not scanned yet". */
import { type ApiCall, ApiError, type Operation } from '../gateway/index.ts';
import { page, requiredText } from './parameters.ts';
import type { Image, ImageId, Repositories, Repository } from './repositories.ts';
import { moved, statusOf } from './storage-class.ts';
import type { Tokens } from './tokens.ts';

/** How ECR writes an image id in its messages. */
const idText = ({ imageDigest, imageTag }: ImageId): string =>
  `{imageDigest:'${imageDigest ?? 'null'}', imageTag:'${imageTag ?? 'null'}'}`;

function idsOf({ parameters }: ApiCall): ImageId[] | undefined {
  const ids = parameters.imageIds as ImageId[] | undefined;
  return ids === undefined || ids.length === 0 ? undefined : ids;
}

class EcrImages {
  readonly #repositories: Repositories;
  readonly #tokens: Tokens;
  readonly #endpoint: string;

  constructor(repositories: Repositories, tokens: Tokens, endpoint: string) {
    this.#repositories = repositories;
    this.#tokens = tokens;
    this.#endpoint = endpoint;
  }

  #named({ parameters }: ApiCall): Repository {
    return this.#repositories.get(requiredText(parameters, 'repositoryName'));
  }

  #notFound(repository: Repository, id: ImageId): ApiError {
    const where = `within the repository with name '${repository.name}' in the registry with id`;
    const what = `The image with imageId ${idText(id)} does not exist ${where} '${this.#repositories.registryId}'`;
    return new ApiError('ImageNotFoundException', what);
  }

  /** DescribeImages and ListImages: only tagged, only untagged, or all; only active ones unless others are asked for. */
  #filtered(repository: Repository, { parameters }: ApiCall): Image[] {
    const filter = parameters.filter as { tagStatus?: string; imageStatus?: string } | undefined;
    const { tagStatus = 'ANY', imageStatus = 'ACTIVE' } = filter ?? {};
    return [...repository.images.values()].filter(({ digest, storage }) => {
      const tagged = this.#repositories.tagsOf(repository, digest).length > 0;
      if (imageStatus !== 'ANY' && imageStatus !== statusOf(storage)) return false;
      return tagStatus === 'ANY' || (tagStatus === 'TAGGED') === tagged;
    });
  }

  describeImages(call: ApiCall): unknown {
    const repository = this.#named(call);
    const ids = idsOf(call);
    const images =
      ids?.map((id) => {
        const image = this.#repositories.find(repository, id);
        if (image === undefined) throw this.#notFound(repository, id);
        return image;
      }) ?? this.#filtered(repository, call);
    const { items, nextToken } = page([...new Set(images)], call.parameters);
    return { imageDetails: items.map((image) => this.#detail(repository, image)), nextToken };
  }

  #detail(repository: Repository, image: Image): Record<string, unknown> {
    const tags = this.#repositories.tagsOf(repository, image.digest);
    return {
      registryId: this.#repositories.registryId,
      repositoryName: repository.name,
      imageDigest: image.digest,
      imageTags: tags.length > 0 ? tags : undefined,
      imageSizeInBytes: image.sizeInBytes,
      imagePushedAt: image.pushedAt,
      imageManifestMediaType: image.mediaType,
      artifactMediaType: image.artifactMediaType,
      lastRecordedPullTime: image.lastPulledAt,
      imageStatus: statusOf(image.storage),
      lastArchivedAt: image.storage.archivedAt,
      lastActivatedAt: statusOf(image.storage) === 'ACTIVE' ? image.storage.activatedAt : undefined,
    };
  }

  listImages(call: ApiCall): unknown {
    const repository = this.#named(call);
    const ids = this.#filtered(repository, call).flatMap(({ digest: imageDigest }): ImageId[] => {
      const tags = this.#repositories.tagsOf(repository, imageDigest);
      return tags.length > 0 ? tags.map((imageTag) => ({ imageDigest, imageTag })) : [{ imageDigest }];
    });
    const { items, nextToken } = page(ids, call.parameters);
    return { imageIds: items, nextToken };
  }

  #answerImage(repository: Repository, image: Image, imageTag?: string): Record<string, unknown> {
    return {
      registryId: this.#repositories.registryId,
      repositoryName: repository.name,
      imageId: { imageDigest: image.digest, imageTag },
      imageManifest: image.manifest.toString(),
      imageManifestMediaType: image.mediaType,
    };
  }

  batchGetImage(call: ApiCall): unknown {
    const repository = this.#named(call);
    const images: unknown[] = [];
    const failures: unknown[] = [];
    for (const id of idsOf(call) ?? []) {
      const image = this.#repositories.find(repository, id);
      if (image === undefined) {
        const failureReason = 'Requested image not found';
        failures.push({ imageId: id, failureCode: 'ImageNotFound', failureReason });
      } else if (statusOf(image.storage) !== 'ACTIVE') {
        const failureReason = `The image is ${statusOf(image.storage)}`;
        failures.push({ imageId: id, failureCode: 'ImageInaccessible', failureReason });
      } else {
        image.lastPulledAt = new Date();
        images.push(this.#answerImage(repository, image, id.imageTag));
      }
    }
    return { images, failures };
  }

  putImage(call: ApiCall): unknown {
    const repository = this.#named(call);
    const { parameters } = call;
    const text = (name: string): string | undefined => {
      const value = parameters[name];
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    const imageTag = text('imageTag');
    const { image, changed } = this.#repositories.put(repository, {
      manifest: Buffer.from(requiredText(parameters, 'imageManifest')),
      mediaType: text('imageManifestMediaType'),
      imageTag,
      imageDigest: text('imageDigest'),
    });
    if (!changed) {
      const which = `Image with digest '${image.digest}' and tag '${imageTag ?? 'null'}' already exists`;
      const where = `in the repository with name '${repository.name}' in registry with id`;
      const what = `${which} ${where} '${this.#repositories.registryId}'`;
      throw new ApiError('ImageAlreadyExistsException', what);
    }
    return { image: this.#answerImage(repository, image, imageTag) };
  }

  updateImageStorageClass(call: ApiCall): unknown {
    const repository = this.#named(call);
    const id = (call.parameters.imageId ?? {}) as ImageId;
    const image = this.#repositories.find(repository, id);
    if (image === undefined) throw this.#notFound(repository, id);
    image.storage = moved(image.storage, requiredText(call.parameters, 'targetStorageClass'));
    return {
      registryId: this.#repositories.registryId,
      repositoryName: repository.name,
      imageId: { imageDigest: image.digest, imageTag: id.imageTag },
      imageStatus: statusOf(image.storage),
    };
  }

  batchDeleteImage(call: ApiCall): unknown {
    const repository = this.#named(call);
    const imageIds: ImageId[] = [];
    const failures: unknown[] = [];
    for (const id of idsOf(call) ?? []) {
      const removed = this.#repositories.remove(repository, id);
      if (removed !== undefined) imageIds.push(...removed);
      else
        failures.push({
          imageId: id,
          failureCode: 'ImageNotFound',
          failureReason: 'Requested image not found',
        });
    }
    return { imageIds, failures };
  }

  batchCheckLayerAvailability(call: ApiCall): unknown {
    const repository = this.#named(call);
    const digests = (call.parameters.layerDigests ?? []) as string[];
    const layers = digests.map((layerDigest) => {
      const layerSize = repository.layers.has(layerDigest)
        ? this.#repositories.blobs.size(layerDigest)
        : undefined;
      const layerAvailability = layerSize === undefined ? 'UNAVAILABLE' : 'AVAILABLE';
      return { layerDigest, layerAvailability, layerSize };
    });
    return { layers, failures: [] };
  }

  getDownloadUrlForLayer(call: ApiCall): unknown {
    const repository = this.#named(call);
    const layerDigest = requiredText(call.parameters, 'layerDigest');
    if (!repository.layers.has(layerDigest)) {
      const what = `The layer with digest '${layerDigest}' is not in the repository '${repository.name}'`;
      throw new ApiError('LayersNotFoundException', what);
    }
    // Signed, as ECR's addresses are: whoever has it needs no login.
    const signature = encodeURIComponent(this.#tokens.issue(call.region, call.signer).authorizationToken);
    const downloadUrl = `${this.#endpoint}/v2/${repository.name}/blobs/${layerDigest}?X-Amz-Signature=${signature}`;
    return { downloadUrl, layerDigest };
  }

  describeImageScanFindings(call: ApiCall): unknown {
    const repository = this.#named(call);
    const id = (call.parameters.imageId ?? {}) as ImageId;
    if (this.#repositories.find(repository, id) === undefined) throw this.#notFound(repository, id);
    const where = `in the repository with name '${repository.name}' in the registry with id`;
    const what = `Image scan does not exist for the image with '${idText(id)}' ${where}`;
    throw new ApiError('ScanNotFoundException', `${what} '${this.#repositories.registryId}'`);
  }
}

/** @param endpoint the registry's, for download addresses */
export function imageOperations(
  repositories: Repositories,
  tokens: Tokens,
  endpoint: string,
): Record<string, Operation> {
  const images = new EcrImages(repositories, tokens, endpoint);
  return {
    DescribeImages: (call) => images.describeImages(call),
    ListImages: (call) => images.listImages(call),
    BatchGetImage: (call) => images.batchGetImage(call),
    PutImage: (call) => images.putImage(call),
    UpdateImageStorageClass: (call) => images.updateImageStorageClass(call),
    BatchDeleteImage: (call) => images.batchDeleteImage(call),
    BatchCheckLayerAvailability: (call) => images.batchCheckLayerAvailability(call),
    GetDownloadUrlForLayer: (call) => images.getDownloadUrlForLayer(call),
    DescribeImageScanFindings: (call) => images.describeImageScanFindings(call),
  };
}
