// An example is a program: what programs share comes along.
@_exported import ProgramSupport
