package uk.ac.manchester.tornado.api;

/// How many work-items a kernel starts in up to three dimensions, and how they form groups.
public interface WorkerGrid {

    int dimension();

    long[] getGlobalWork();

    /// Work-items per group, or null when the choice is left to the device.
    long[] getLocalWork();

    long[] getNumberOfWorkgroups();

    long[] getGlobalOffset();

    void setGlobalWork(long x, long y, long z);

    void setLocalWork(long x, long y, long z);

    void setNumberOfWorkgroupsToNull();

    void setLocalWorkToNull();

    void setGlobalOffset(long x, long y, long z);
}
