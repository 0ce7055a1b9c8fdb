#include "link.hh"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <zmq.h>

namespace building_ctrl
{
std::string Message::Kind() const { return this->At(0).as<std::string>(); }

const msgpack::object &Message::At(std::size_t index) const
{
  const auto &object = this->handle.get();
  if (object.type != msgpack::type::ARRAY || index >= object.via.array.size)
    throw std::runtime_error("a message of the platform is too short");
  return object.via.array.ptr[index];
}

std::vector<double> Message::Doubles(std::size_t index, std::size_t count) const
{
  const auto &object = this->At(index);
  if (object.type != msgpack::type::BIN || object.via.bin.size != count * sizeof(double))
    throw std::runtime_error("a command of the platform has another number of robots or joints than the world");
  std::vector<double> values(count);
  if (count > 0)
    std::memcpy(values.data(), object.via.bin.ptr, count * sizeof(double));
  return values;
}

Link::Link(const std::string &address) : context(zmq_ctx_new()), socket(zmq_socket(this->context, ZMQ_DEALER))
{
  const int linger = 200;
  zmq_setsockopt(this->socket, ZMQ_LINGER, &linger, sizeof(linger));
  if (zmq_connect(this->socket, address.c_str()) != 0)
    throw std::runtime_error("cannot connect to " + address + ": " + zmq_strerror(zmq_errno()));
}

Link::~Link()
{
  zmq_close(this->socket);
  zmq_ctx_term(this->context);
}

void Link::Send(const msgpack::sbuffer &message)
{
  if (zmq_send(this->socket, message.data(), message.size(), ZMQ_DONTWAIT) < 0 && zmq_errno() != EAGAIN)
    throw std::runtime_error(std::string("cannot send to the platform: ") + zmq_strerror(zmq_errno()));
}

bool Link::Receive(Message &message, long timeoutMs)
{
  zmq_pollitem_t item{this->socket, 0, ZMQ_POLLIN, 0};
  if (zmq_poll(&item, 1, timeoutMs) <= 0)
    return false;
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  const bool received = zmq_msg_recv(&frame, this->socket, ZMQ_DONTWAIT) >= 0;
  if (received)
    msgpack::unpack(message.handle, static_cast<const char *>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
  zmq_msg_close(&frame);
  return received;
}
}  // namespace building_ctrl
