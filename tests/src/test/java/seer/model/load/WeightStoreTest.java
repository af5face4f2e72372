package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static seer.model.load.RawSafetensors.refuses;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightStoreTest {
    private static final float[] A = {1, 2, 3, 4, 5, 6};
    private static final float[] B = {-1, 0.5f};

    @TempDir
    private Path folder;

    private Path index(String weightMap) throws IOException {
        return Files.writeString(folder.resolve("model.safetensors.index.json"),
                "{\"metadata\": {\"total_size\": 28}, \"weight_map\": {" + weightMap + "}}");
    }

    private void shard(String file, String... tensors) {
        var writer = new SafetensorsWriter();
        for (String tensor : tensors) {
            if (tensor.equals("a")) {
                writer.add("a", DType.F32, A, 2, 3);
            } else {
                writer.add(tensor, DType.BF16, B, 2);
            }
        }
        writer.write(folder.resolve(file));
    }

    @Test
    void theDemoModelIsWhatItsGatesWereTrainedFor() {
        var gate = JsonFile.read(Path.of("demo-model", "gate", "config.json"));
        try (var store = SafetensorsFolder.open(Path.of("demo-model"))) {
            assertEquals(7_344_384, store.parameterCount());
            assertEquals(gate.requireString("base_model_sha256"), store.sha256());
            assertEquals("pt", store.metadata().get("format"));
            store.tensor("model.embed_tokens.weight").require(4096, 256);
        }
    }

    @Test
    void shardsEqualOneFile() throws IOException {
        index("\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"");
        shard("one.safetensors", "a");
        shard("two.safetensors", "b");
        Path single = Files.createDirectory(folder.resolve("single"));
        new SafetensorsWriter().add("a", DType.F32, A, 2, 3).add("b", DType.BF16, B, 2)
                .write(single.resolve("model.safetensors"));
        try (var many = WeightStore.open(folder); var one = WeightStore.open(single)) {
            assertEquals(Set.of("a", "b"), many.names());
            assertEquals(one.names(), many.names());
            assertEquals(one.parameterCount(), many.parameterCount());
            for (String name : one.names()) {
                assertEquals(one.tensor(name).shape(), many.tensor(name).shape());
                assertEquals(one.tensor(name).type(), many.tensor(name).type());
                assertArrayEquals(one.tensor(name).floats(), many.tensor(name).floats());
            }
            assertEquals(64, many.sha256().length());
            assertEquals(many.sha256(), many.sha256());
        }
    }

    @Test
    void aFolderWithoutWeights() {
        refuses(() -> WeightStore.open(folder), folder, "model.safetensors or model.safetensors.index.json", "neither");
        Path gone = folder.resolve("gone");
        refuses(() -> WeightStore.open(gone), gone, "got no folder");
    }

    private static String numbered(int shard, int count) {
        return "model-%05d-of-%05d.safetensors".formatted(shard, count);
    }

    @Test
    void shardsThatAreAllThereNeedNoIndex() throws IOException {
        shard(numbered(1, 2), "b");
        shard(numbered(2, 2), "a");
        shard("optimizer.safetensors", "c");
        String sha256;
        try (var store = WeightStore.open(folder)) {
            assertEquals(Set.of("a", "b"), store.names());
            assertArrayEquals(A, store.tensor("a").floats());
            refuses(() -> store.tensor("bb"), folder, "tensor bb", "nearest is b");
            sha256 = store.sha256();
        }
        index("\"a\": \"" + numbered(2, 2) + "\", \"b\": \"" + numbered(1, 2) + "\"");
        try (var store = WeightStore.open(folder)) {
            assertEquals(store.sha256(), sha256);
        }
    }

    @Test
    void aShardThatIsMissingWithoutAnIndexIsNamed() throws IOException {
        shard(numbered(1, 3), "a");
        shard(numbered(3, 3), "b");
        refuses(() -> WeightStore.open(folder), folder, "wanted model.safetensors.index.json, or all shards that one "
                + "name tells of, got no index and 2 of 3 shards: model-00002-of-00003.safetensors is missing (is the "
                + "download complete?)");
        shard(numbered(2, 3), "c");
        shard(numbered(0, 3), "d");
        refuses(() -> WeightStore.open(folder), folder, "got no index and " + numbered(0, 3) + " beside them");
        shard(numbered(1, 2), "a");
        refuses(() -> WeightStore.open(folder), folder, "got no index and shards of 00002 and shards of 00003");
    }

    @Test
    void aTensorInTwoShardsWithoutAnIndex() throws IOException {
        shard(numbered(1, 2), "a", "b");
        shard(numbered(2, 2), "b");
        refuses(() -> WeightStore.open(folder), folder,
                "tensor b: wanted it in one shard, got it in " + numbered(1, 2) + " and " + numbered(2, 2));
    }

    @Test
    void aShardThatIsNotThere() throws IOException {
        Path index = index("\"a\": \"one.safetensors\"");
        refuses(() -> WeightStore.open(folder), index, "weight_map[\"a\"]: wanted a file", "got one.safetensors");
    }

    @Test
    void aShardOutsideTheFolder() throws IOException {
        shard("one.safetensors", "a");
        Path model = Files.createDirectory(folder.resolve("model"));
        Path index = Files.writeString(model.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a\": \"../one.safetensors\"}}");
        refuses(() -> WeightStore.open(model), index,
                "weight_map[\"a\"]: wanted a file in the index's folder, got ../one.safetensors");
    }

    @Test
    void namesThatAreNoFiles() throws IOException {
        for (String name : new String[] {"/", "", ".", "..", "a/", "a\u0000b", "/a", "a/../one.safetensors"}) {
            Path index = index("\"a\": \"" + name.replace("\u0000", "\\u0000") + "\"");
            refuses(() -> WeightStore.open(folder), index, "[\"a\"]: wanted a file in the index's folder, got ");
        }
    }

    @Test
    void aShardWithoutItsTensor() throws IOException {
        Path index = index("\"a\": \"one.safetensors\", \"b\": \"one.safetensors\"");
        shard("one.safetensors", "a");
        refuses(() -> WeightStore.open(folder), index,
                "weight_map[\"b\"]: wanted a file that holds the tensor, got one.safetensors, which does not");
    }

    @Test
    void aTensorInTwoShards() throws IOException {
        Path index = index("\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"");
        shard("one.safetensors", "a", "b");
        shard("two.safetensors", "b");
        refuses(() -> WeightStore.open(folder), index,
                "tensor b: wanted it in one shard, got it in one.safetensors and two.safetensors");
    }

    @Test
    void aTensorThatTheIndexForgets() throws IOException {
        Path index = index("\"a\": \"one.safetensors\"");
        shard("one.safetensors", "a", "b");
        refuses(() -> WeightStore.open(folder), index, "weight_map[\"b\"]", "got nothing");
    }

    @Test
    void aBrokenIndex() throws IOException {
        Path index = Files.writeString(folder.resolve("model.safetensors.index.json"), "{\n \"weight_map\": [}");
        refuses(() -> WeightStore.open(folder), index, "broken JSON at line 2:17");
        Files.writeString(index, "{}");
        refuses(() -> WeightStore.open(folder), index, "field weight_map: wanted an object, got nothing");
    }

    @Test
    void aBrokenShardIsNamedItself() throws IOException {
        index("\"a\": \"one.safetensors\"");
        Path shard = Files.write(folder.resolve("one.safetensors"), new byte[3]);
        refuses(() -> WeightStore.open(folder), shard, "got 3");
    }

    @Test
    void missingTensorsAreNamedAndClosingEndsReading() throws IOException {
        shard("model.safetensors", "a", "b");
        var store = WeightStore.open(folder);
        refuses(() -> store.tensor("bb"), folder.resolve("model.safetensors"), "tensor bb", "nearest is b");
        WeightTensor tensor = store.tensor("a");
        store.close();
        store.close();
        assertThrows(IllegalStateException.class, tensor::floats);
    }
}
