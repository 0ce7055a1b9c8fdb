// The socket to the platform: ZeroMQ and msgpack, one message at a time.
#pragma once

#include <string>
#include <vector>

#include <msgpack.hpp>

namespace building_ctrl
{
/// A message is an array whose first element names its kind.
struct Message
{
  msgpack::object_handle handle;
  std::string Kind() const;
  const msgpack::object &At(std::size_t index) const;
  /// Little-endian doubles, packed as bytes. Throws std::runtime_error when there are not `count` of them.
  std::vector<double> Doubles(std::size_t index, std::size_t count) const;
};

class Link
{
public:
  /// Throws std::runtime_error for an address that cannot be connected to.
  explicit Link(const std::string &address);
  ~Link();
  Link(const Link &) = delete;
  Link &operator=(const Link &) = delete;
  void Send(const msgpack::sbuffer &message);
  /// Waits at most that long; negative: for ever. Returns whether a message has come.
  bool Receive(Message &message, long timeoutMs);

private:
  void *context;
  void *socket;
};
}  // namespace building_ctrl
