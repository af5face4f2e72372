package seer.model.backend;

/// One of the kernels that a backend can choose for an operation.
///
/// @param operation  what it computes
/// @param name       as results say it
/// @param fits       shapes, element types and devices that it is for, in words
/// @param localBytes local memory that a work-group of it takes, 0 if none
/// @param obstacle   what keeps a device from running it, or null
public record RungInfo(String operation, String name, String fits, int localBytes, String obstacle) { }
