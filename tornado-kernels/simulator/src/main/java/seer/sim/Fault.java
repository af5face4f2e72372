package seer.sim;

/// The ways in which a launch can be wrong.
public enum Fault {
    DIVERGENT_BARRIER("divergent barrier"),
    OUT_OF_RANGE("access out of range"),
    UNWRITTEN_LOCAL("read of local memory that nobody wrote"),
    UNWRITTEN_GLOBAL("read of device memory that nobody wrote"),
    UNWRITTEN_PRIVATE("read of a private array's element that nobody wrote"),
    LOCAL_RACE("race in local memory"),
    GLOBAL_RACE("race in global memory"),
    WRONG_FENCE("barrier that orders the other memory"),
    GROUPS_SHARE_ELEMENT("two groups on one element"),
    SCHEDULE_DEPENDENT("output depends on the schedule"),
    UNEQUAL_LOCAL_ARRAYS("unequal local arrays"),
    LOCAL_MEMORY_EXHAUSTED("too much local memory"),
    OPAQUE_FRAGMENT("look into a matrix fragment"),
    DIVERGENT_WARP("divergent warp"),
    DEADLOCK("nobody can go on"),
    UNAWAITED_COPY("use of a copy that was not waited for"),
    UNAWAITED_PRODUCT("use of a product that was not waited for"),
    UNOPENED_PRODUCT("product over registers that were used since it was opened"),
    UNPUBLISHED_TILE("local memory that was not published"),
    OVERWRITTEN_TILE("tile overwritten while it may be in use"),
    MISALIGNED_TILE("misaligned tile"),
    GROUP_LEFT("group that left its cluster too early"),
    BARRIER_MISUSE("misuse of a copy barrier"),
    UNLISTED_BUFFER("buffer without a transfer"),
    NOT_ON_DEVICE("buffer not on the device"),
    BUFFER_PASSED_AGAIN("a buffer that is written and passed again"),
    GRID_NOT_DIVISIBLE("global size not divisible by local size"),
    UNKNOWN_TASK("task name unknown"),
    LANGUAGE("Java that TornadoVM does not compile"),
    UNSUPPORTED("not simulated"),
    KERNEL_FAILED("exception in a kernel");

    private final String words;

    Fault(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
