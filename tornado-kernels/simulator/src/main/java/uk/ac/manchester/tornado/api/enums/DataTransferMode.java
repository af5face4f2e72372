package uk.ac.manchester.tornado.api.enums;

/// When a listed buffer crosses between host and device.
public class DataTransferMode {

    /// With the first execution of the graph, and again after device memory was freed.
    public static final int FIRST_EXECUTION = 0;

    /// With each execution.
    public static final int EVERY_EXECUTION = 1;

    /// Only when an execution result is asked for it.
    public static final int UNDER_DEMAND = 2;
}
