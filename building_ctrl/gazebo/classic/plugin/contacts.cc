#include "contacts.hh"

#include <algorithm>
#include <cmath>

namespace building_ctrl
{
namespace
{
// A floor pushes up. What pushes a robot sideways is a wall, a door or a step.
constexpr double kUpright = 0.7;
}  // namespace

void ContactLog::Watch(gazebo::physics::WorldPtr world, const std::vector<gazebo::physics::ModelPtr> &robots)
{
  for (std::size_t i = 0; i < robots.size(); ++i)
    this->index[robots[i].get()] = static_cast<int>(i);
  world->Physics()->GetContactManager()->SetNeverDropContacts(true);
}

void ContactLog::Collect(gazebo::physics::WorldPtr world)
{
  auto *manager = world->Physics()->GetContactManager();
  const auto &contacts = manager->GetContacts();
  for (unsigned int k = 0; k < manager->GetContactCount(); ++k)
  {
    const auto *contact = contacts[k];
    const auto first = this->index.find(contact->collision1->GetModel().get());
    const auto second = this->index.find(contact->collision2->GetModel().get());
    const bool one = first != this->index.end(), two = second != this->index.end();
    if (one && two && first->second != second->second)
      this->pairs.insert(std::minmax(first->second, second->second));
    else if (one != two && contact->count > 0 && std::abs(contact->normals[0].Z()) < kUpright)
    {
      const auto *other = one ? contact->collision2 : contact->collision1;
      this->bumps.emplace(one ? first->second : second->second, other->GetScopedName());
    }
  }
}

void ContactLog::Clear()
{
  this->pairs.clear();
  this->bumps.clear();
}
}  // namespace building_ctrl
