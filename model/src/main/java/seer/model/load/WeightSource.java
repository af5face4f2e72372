package seer.model.load;

import java.nio.file.Path;
import java.util.Set;

/// Where the weights of a model come from: files, or a draw by lot.
public interface WeightSource extends AutoCloseable {
    /// As errors name it.
    Path file();

    /// All tensors' names.
    Set<String> names();

    /// A view of the named tensor's elements, which stays valid until [#close()].
    ///
    /// @throws MalformedModelException if there is none of that name
    WeightTensor tensor(String name);

    /// Elements of all tensors together.
    long parameterCount();

    /// What no other weights have, in hex.
    String sha256();

    /// Gives up what the tensors are views of; a second call does nothing.
    @Override
    void close();
}
