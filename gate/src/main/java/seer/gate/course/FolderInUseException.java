package seer.gate.course;

import java.nio.file.Path;

/// Another training is at work in a folder.
public final class FolderInUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param owner who has it, in words; empty if nobody knows
    FolderInUseException(Path folder, String owner) {
        super(folder + ": another training" + (owner.isEmpty() ? "" : " (" + owner + ")")
                + " is at work in this folder, wanted one at a time: wait for it, or name another folder");
    }
}
