package seer.model.load;

import java.nio.file.Path;
import java.util.Set;

/// One file of named tensors.
public sealed interface TensorFile extends AutoCloseable permits SafetensorsFile, PthFile {
    /// Opens a `.pth` as such, every other file as safetensors.
    static TensorFile open(Path file) {
        return file.toString().endsWith(".pth") ? PthFile.open(file) : SafetensorsFile.open(file);
    }

    Path file();

    /// The tensors' names, in the file's order.
    Set<String> names();

    boolean has(String name);

    /// The named tensor.
    ///
    /// @throws MalformedModelException if there is none
    WeightTensor tensor(String name);

    /// Elements of all tensors together.
    default long parameterCount() {
        return names().stream().mapToLong(name -> tensor(name).size()).sum();
    }

    @Override
    void close();
}
