// Who touched whom since the last frame, from Gazebo's own contact manager.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gazebo/physics/physics.hh>

namespace building_ctrl
{
class ContactLog
{
public:
  /// Contacts of these models are kept; those that robots' wheels have with what carries them are not.
  void Watch(gazebo::physics::WorldPtr world, const std::vector<gazebo::physics::ModelPtr> &robots);
  void Collect(gazebo::physics::WorldPtr world);
  void Clear();

  /// Pairs of robots, the lower index first.
  const std::set<std::pair<int, int>> &Pairs() const { return this->pairs; }
  /// A robot's chassis against anything that is no robot, by the other link's scoped name.
  const std::set<std::pair<int, std::string>> &Bumps() const { return this->bumps; }

private:
  std::map<const gazebo::physics::Model *, int> index;
  std::set<std::pair<int, int>> pairs;
  std::set<std::pair<int, std::string>> bumps;
};
}  // namespace building_ctrl
