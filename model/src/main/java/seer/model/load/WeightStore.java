package seer.model.load;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// The weights of a model, whatever holds them: tensors by Hugging Face's names for the Llama family, in its layout.
///
/// Files are mapped, not read: opening costs no memory. Any number of threads may read. Closing unmaps the files;
/// tensors read afterwards fail with an [IllegalStateException]. A file that is shortened while it is open is refused
/// where the lost bytes are read.
public sealed interface WeightStore extends AutoCloseable permits SafetensorsFolder, GgufFile,
        GeneratedWeights {
    /// Opens the weights in a folder, or a GGUF file.
    static WeightStore open(Path path) {
        return Files.isRegularFile(path) ? GgufFile.open(path) : SafetensorsFolder.open(path);
    }

    /// The file that complaints are about: the single one, the index of the shards, or their folder without one.
    Path file();

    /// All tensors' names.
    Set<String> names();

    boolean has(String name);

    /// What the file itself calls a tensor of this name.
    default String spelled(String name) {
        return name;
    }

    /// A view of the named tensor's bytes.
    ///
    /// @throws MalformedModelException if there is none
    WeightTensor tensor(String name);

    /// Elements of each type that the tensors are stored in.
    default Map<DType, Long> types() {
        return types(_ -> true);
    }

    /// The same of the tensors with these names.
    default Map<DType, Long> types(Predicate<String> which) {
        var types = new EnumMap<DType, Long>(DType.class);
        names().stream().filter(which)
                .forEach(name -> types.merge(tensor(name).type(), tensor(name).size(), Long::sum));
        return types;
    }

    /// Elements of all tensors together; a tied head, which is stored once, counts once.
    long parameterCount();

    /// The SHA-256 of the weight files in hex. Read once, on the first call, because it reads every byte.
    String sha256();

    /// What an error means that reading mapped weights ended in, where it was not told which file it was about: the
    /// JVM may report a fault some steps later.
    default MalformedModelException lost(InternalError e) {
        return FileErrors.lost(file(), e);
    }

    /// Gives up the memory of what was read so far, which belongs to the tensors that were asked for: these are of no
    /// use any more. Those asked for from now on are.
    void letGo();

    /// Unmaps all files; a second call does nothing.
    @Override
    void close();
}
