"""Where a network looked, against Keras's gradients and models whose answers are known."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.decomposition import PCA

from asl_core import Classifier, open_dataset
from asl_core.evaluation.embedding import pca, tsne
from asl_core.evaluation.layer_inspector import LayerInspector
from asl_core.evaluation.saliency import Cover, class_activation, enlarge, gradcam, occlusion
from asl_core.runs.run import Run
from asl_core.training.architecture import blocks


@pytest.fixture(scope="module", params=["drawn_run", "deep_run"])
def run(request: pytest.FixtureRequest) -> Run:
    """One of the mission's network, and one of 64 pixels, three blocks and normalizations."""
    found: Run = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def images(drawn: Path, run: Run) -> np.ndarray:
    """Ten drawn pictures of all classes, as the run's network gets them."""
    return np.asarray(open_dataset(drawn, size=run.spec.config.image_size).images[::6])


@pytest.fixture(scope="module")
def model(run: Run) -> keras.Model:
    """The run's network in Keras, from photo to what is inside."""
    loaded = keras.saving.load_model(run.folder / "model.keras")
    last = "relu_3" if run.spec.config.batch_norm else "conv_2"
    inside = [loaded.get_layer(name).output for name in (last, "flatten", "letter")]
    return keras.Model(loaded.inputs, inside)


def test_what_is_inside_equals_keras(run: Run, model: keras.Model, images: np.ndarray) -> None:
    found = LayerInspector(run).activations(np.repeat(images, 20, axis=0))  # more than a batch
    for here, there in zip((found.maps, found.features), model(images)[:2], strict=True):
        np.testing.assert_allclose(here[::20], there, atol=1e-4)
    if run.spec.config.batch_norm:
        assert found.maps.shape == (200, 16, 16, 5)
        assert found.features.shape == (200, 8 * 8 * 5)
    else:
        assert found.maps.shape == (200, 12, 12, 15)
        assert found.features.shape == (200, 135)
    powers = np.exp(found.logits - found.logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(
        probabilities[::20], Classifier(run).probabilities(images), atol=1e-5
    )


def test_grad_cam_equals_the_one_by_keras_gradients(
    run: Run, model: keras.Model, images: np.ndarray
) -> None:
    classes = np.arange(len(images)) % 3
    loaded = keras.saving.load_model(run.folder / "model.keras")
    weights, bias = loaded.get_layer("letter").get_weights()
    with tf.GradientTape() as tape:
        maps = model(images)[0]
        tape.watch(maps)
        pool = blocks(run.spec.config.architecture)[-1].pool
        pooled = tf.reshape(tf.nn.max_pool2d(maps, pool, pool, "VALID"), (len(images), -1))
        score = tf.gather(pooled @ weights + bias, classes, axis=1, batch_dims=1)
    mean_gradient = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2))
    heat = np.maximum(np.einsum("nhwf,nf->nhw", maps, mean_gradient), 0)

    inside = LayerInspector(run)
    cells = class_activation(inside, images, classes)
    np.testing.assert_allclose(cells, heat, rtol=1e-3, atol=1e-7)
    assert heat.max() > 1e-3
    pictures = gradcam(inside, images, classes)
    assert pictures.shape == images.shape[:3]
    assert pictures.min() == 0
    for picture, part in zip(pictures, cells, strict=True):
        assert picture.max() == (1 if part.any() else 0)


def test_cells_become_a_smooth_picture() -> None:
    picture = enlarge(np.array([[[0, 1], [0, 1]]], np.float32), 9)[0]
    np.testing.assert_allclose(picture[4], [0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1, 1])
    np.testing.assert_array_equal(picture, np.tile(picture[0], (9, 1)))


def test_occlusion_finds_the_only_pixel_that_counts() -> None:
    def looks_at_one_pixel(images: np.ndarray) -> np.ndarray:
        bright = (images[:, 12, 34, 0] > 128).astype(np.float32)
        return np.stack([bright, 1 - bright], axis=1)

    image = np.zeros((50, 50, 3), np.uint8)
    image[12, 34] = 255
    found = occlusion(looks_at_one_pixel, image, 0, Cover(patch=6, stride=1))
    assert found.dtype == np.float32
    assert found.shape == (50, 50)
    assert found[12, 34] == 1  # whatever covers it takes all
    assert found.max() == 1
    assert found[12, 33] == pytest.approx(5 / 6)  # five of the six columns of places cover both
    outside = np.ones((50, 50), bool)
    outside[12 - 5 : 12 + 6, 34 - 5 : 34 + 6] = False
    assert (found[outside] == 0).all()
    against = occlusion(looks_at_one_pixel, image, 1, Cover(patch=6, stride=1))
    np.testing.assert_allclose(against, -found)


def test_occlusion_covers_the_whole_photo(run: Run, images: np.ndarray) -> None:
    for cover in (None, Cover(7, 4), Cover(50, 3)):
        found = occlusion(Classifier(run).probabilities, images[0], 0, cover)
        assert np.isfinite(found).all()


def test_pca_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(40, 6)) * [1, 9, 2, 4, 1, 1] + 7
    found, theirs = pca(features), PCA(2).fit(features)
    assert found.explained == pytest.approx(tuple(theirs.explained_variance_ratio_))
    expected = theirs.transform(features)
    signs = np.sign((found.points * expected).sum(axis=0))
    np.testing.assert_allclose(found.points, expected * signs, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(pca(features).points, found.points)


def test_pca_of_photos_that_are_all_the_same() -> None:
    found = pca(np.ones((5, 3), np.float32))
    assert (found.points == 0).all()
    assert found.explained == (0, 0)


def test_tsne_keeps_two_groups_apart() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(30, 5)) + np.repeat([[0], [40]], 15, axis=0)
    found = tsne(features)
    assert (found.points.shape, found.explained) == ((30, 2), None)
    centres = found.points.reshape(2, 15, 2).mean(axis=1)
    spread = np.abs(found.points.reshape(2, 15, 2) - centres[:, None]).max()
    assert np.linalg.norm(centres[0] - centres[1]) > 2 * spread
    np.testing.assert_array_equal(tsne(features).points, found.points)
